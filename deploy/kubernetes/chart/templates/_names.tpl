{{- define "gitopsgrains.name" -}}
{{- if eq .Release.Name .Chart.Name }}{{ .Chart.Name }}{{ else }}{{ printf "%s-gitopsgrains" .Release.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* Of pods, and by which they are found: a list of the root and the component. */}}
{{- define "gitopsgrains.selector" -}}
app.kubernetes.io/name: {{ include "gitopsgrains.name" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "gitopsgrains.labels" -}}
{{ include "gitopsgrains.selector" . }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ (index . 0).Chart.Name }}-{{ (index . 0).Chart.Version }}
{{- end }}

{{- define "gitopsgrains.image" -}}
{{- $image := index (index . 0).Values.images (index . 1) -}}
{{- if $image.digest }}{{ $image.repository }}@{{ $image.digest }}{{ else }}{{ $image.repository }}:{{ $image.tag | default (index . 0).Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "gitopsgrains.isEmbedded" -}}{{ if eq .Values.storage.kind "Embedded" }}yes{{ end }}{{- end }}

{{/* A connection string, rather than an identity. */}}
{{- define "gitopsgrains.isConnected" -}}{{ if and (ne .Values.storage.kind "Embedded") (not .Values.storage.azure.blobServiceUri) }}yes{{ end }}{{- end }}

{{/* The Secret with a component's certificate: a list of the root and the component. */}}
{{- define "gitopsgrains.tlsSecret" -}}
{{- $tls := (index . 0).Values.tls -}}
{{- if $tls.certManager.issuer }}{{ include "gitopsgrains.name" (index . 0) }}-{{ index . 1 }}-tls{{ else }}{{ required "tls.existingSecret or tls.certManager.issuer is needed with tls.enabled" $tls.existingSecret }}{{ end }}
{{- end }}

{{/* Settings of mutual TLS: a list of the root and the section. */}}
{{- define "gitopsgrains.tlsSettings" -}}
{{- if (index . 0).Values.tls.enabled }}
GITOPSGRAINS__{{ index . 1 }}__Tls__CertificateFile: /run/gitopsgrains/tls/tls.crt
GITOPSGRAINS__{{ index . 1 }}__Tls__KeyFile: /run/gitopsgrains/tls/tls.key
GITOPSGRAINS__{{ index . 1 }}__Tls__CaFile: /run/gitopsgrains/tls/ca.crt
{{- end }}
{{- end }}

{{/* What all pods have: a list of the root, the component, and its values. */}}
{{- define "gitopsgrains.pod" -}}
enableServiceLinks: false
{{- with (index . 0).Values.images.pullSecrets }}
imagePullSecrets:
{{- range . }}
- name: {{ . }}
{{- end }}
{{- end }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {{- include "gitopsgrains.selector" . | nindent 12 }}
topologySpreadConstraints:
- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "gitopsgrains.selector" . | nindent 6 }}
{{- with (index . 2).nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with (index . 2).tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "gitopsgrains.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
